"""Where tokens outlive a process: a folder of files, or the system's keyring.

Both keep one entry per account (a server, a client, an organisation or person, scopes), and both
let one process at a time renew it, so that any number of processes can share an authorisation
whose refresh token works only once.
"""
