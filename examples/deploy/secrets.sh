#!/bin/sh
# Makes what the fleet's containers have to know, in ./secrets: certificates, passwords, a key.
# Run it once, as the user who runs docker compose; afterwards add each tenant's client secret there.
set -eu
umask 077
cd "$(dirname "$0")"
[ ! -e secrets ] || { echo "secrets is there already: delete it first, with all that is in it" >&2; exit 1; }
mkdir -p secrets data
chmod 0711 secrets # the servers' own users pass through, to the files that they may read
cd secrets

# Dask: a certificate that this authority has signed is the right to command every worker.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
    -subj "/CN=elements-procura fleet" -keyout ca.key -out ca.pem 2> /dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -subj "/CN=dask" -keyout dask.key -out dask.csr 2> /dev/null
openssl x509 -req -in dask.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 \
    -out dask.pem 2> /dev/null
rm dask.csr ca.srl

# Valkey: this file is for its own user, so it holds the password's hash; one user, and only our keys.
password=$(openssl rand -hex 32)
hash=$(printf %s "$password" | openssl dgst -sha256 -r | cut -d ' ' -f 1)
commands="+@connection +@read +@write +@scripting +time +info"
printf '%s\n' "user default off" "user harvest on #$hash ~elements-procura:* $commands" > valkey.acl
chmod 0644 valkey.acl

# PostgreSQL, and the key of the tokens in Valkey (Fernet: 32 bytes, in base64 for URLs).
openssl rand -hex 32 > postgres-password
printf '%s\n' "REDISCLI_AUTH=$password" "PGPASSWORD=$(cat postgres-password)" \
    "ELEMENTS_TOKEN_KEY=$(openssl rand -base64 32 | tr '+/' '-_')" > fleet.env
printf 'FLEET_USER=%s:%s\n' "$(id -u)" "$(id -g)" > ../.env
echo "made: secrets and .env; now secrets/NAME for the client secret of each tenant in tenants.toml"
