"""Asyncio client and bulk harvester for Faster Forward Elements and Procura Dossiers."""
