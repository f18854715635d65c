"""Where tokens outlive a process: a folder of files, the system's keyring, or a server.

All keep one entry per account (a server, a client, an organisation or person, scopes), and
let one process at a time renew it, so that any number of processes can share an authorisation
whose refresh token works only once.
"""
