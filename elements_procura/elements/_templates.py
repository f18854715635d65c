"""The paths that the documentation of Elements spells: all that may be shown of any path.

A test holds them against the endpoints that the client has.
"""

from elements_procura.paths import Templates

_DOSSIERS = "/api/data/klantdossiers"
_BELOW = """
.
/
/{DOSSIER_ID}
/{DOSSIER_ID}/acties
/{DOSSIER_ID}/adviseurs
/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}
/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/adressen
/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/adressen/{ADRES_ID}
/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/emailadressen
/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/emailadressen/{EMAILADRES_ID}
/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/profielfoto
/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/profielfoto/download
/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/rekeningnummers
/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/rekeningnummers/{REKENINGNUMMER_ID}
/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/telefoonnummers
/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/telefoonnummers/{TELEFOONNUMMER_ID}
/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}
/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/facturen
/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/facturen/{FACTUUR_ID}/regels
/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/registraties
/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/taken
/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/workflows
/{DOSSIER_ID}/bezittingen
/{DOSSIER_ID}/bezittingen/overige
/{DOSSIER_ID}/bezittingen/voertuig
/{DOSSIER_ID}/bezittingen/voertuigen
/{DOSSIER_ID}/bezittingen/{BEZITTING_ID}
/{DOSSIER_ID}/consumptiefkredieten
/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}
/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/facturen
/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/facturen/{FACTUUR_ID}/regels
/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/registraties
/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/taken
/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/workflows
/{DOSSIER_ID}/contracten
/{DOSSIER_ID}/contracten/{PRODUCT_ID}
/{DOSSIER_ID}/contracten/{PRODUCT_ID}/facturen
/{DOSSIER_ID}/contracten/{PRODUCT_ID}/facturen/{FACTUUR_ID}/regels
/{DOSSIER_ID}/contracten/{PRODUCT_ID}/onderdelen
/{DOSSIER_ID}/contracten/{PRODUCT_ID}/registraties
/{DOSSIER_ID}/contracten/{PRODUCT_ID}/taken
/{DOSSIER_ID}/contracten/{PRODUCT_ID}/workflows
/{DOSSIER_ID}/diensten
/{DOSSIER_ID}/diensten/{PRODUCT_ID}
/{DOSSIER_ID}/diensten/{PRODUCT_ID}/delen
/{DOSSIER_ID}/diensten/{PRODUCT_ID}/facturen
/{DOSSIER_ID}/diensten/{PRODUCT_ID}/facturen/{FACTUUR_ID}/regels
/{DOSSIER_ID}/diensten/{PRODUCT_ID}/registraties
/{DOSSIER_ID}/diensten/{PRODUCT_ID}/taken
/{DOSSIER_ID}/diensten/{PRODUCT_ID}/workflows
/{DOSSIER_ID}/hypotheken
/{DOSSIER_ID}/hypotheken/{PRODUCT_ID}
/{DOSSIER_ID}/kantoor
/{DOSSIER_ID}/kantoor/adressen
/{DOSSIER_ID}/kantoor/adressen/{ADRES_ID}
/{DOSSIER_ID}/kantoor/codes
/{DOSSIER_ID}/kantoor/emailadressen
/{DOSSIER_ID}/kantoor/emailadressen/{EMAILADRES_ID}
/{DOSSIER_ID}/kantoor/profielfoto
/{DOSSIER_ID}/kantoor/profielfoto/download
/{DOSSIER_ID}/kantoor/telefoonnummers
/{DOSSIER_ID}/kantoor/telefoonnummers/{TELEFOONNUMMER_ID}
/{DOSSIER_ID}/klanten/particulier
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/adressen
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/adressen/{ADRES_ID}
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/emailadressen
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/emailadressen/{EMAILADRES_ID}
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/kenmerken
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/kenmerken/{KENMERK_ID}
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/profielfoto
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/profielfoto/download
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/rekeningnummers
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/rekeningnummers/{REKENINGNUMMER_ID}
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/socialmedia
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/socialmedia/{SOCIALMEDIA_ID}
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/telefoonnummers
/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/telefoonnummers/{TELEFOONNUMMER_ID}
/{DOSSIER_ID}/klanten/zakelijk
/{DOSSIER_ID}/klanten/zakelijk/{KLANT_ID}
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/adressen
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/adressen/{ADRES_ID}
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/codes
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/emailadressen
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/emailadressen/{EMAILADRES_ID}
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/kenmerken
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/kenmerken/{ORGANISATIEKENMERK_ID}
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/medewerkers
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/medewerkers/{PERSOON_ID}/emailadressen
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/medewerkers/{PERSOON_ID}/rekeningnummers
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/medewerkers/{PERSOON_ID}/telefoonnummers
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/profielfoto
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/profielfoto/download
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/rekeningnummers
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/rekeningnummers/{REKENINGNUMMER_ID}
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/telefoonnummers
/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/telefoonnummers/{TELEFOONNUMMER_ID}
/{DOSSIER_ID}/panden
/{DOSSIER_ID}/producten
/{DOSSIER_ID}/proposities
/{DOSSIER_ID}/registraties
"""
_ALSO = (
    # Linked by documented bodies and described nowhere.
    *("documenten", "emails", "hypotheekadviezen", "inkomensverzekeringen", "levensverzekeringen"),
    *("pensioenen", "profileprints", "schadeverzekeringen", "stukken", "uitvaartverzekeringen"),
    *("vermogenenbancair", "oauth", "access_token"),
)
TEMPLATES = Templates(
    [_DOSSIERS + below.removeprefix(".") for below in _BELOW.split()], words=_ALSO
)
