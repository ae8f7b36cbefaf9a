"""The engine that talks to Tripletex for Odoo's records: plain classes, no models."""
