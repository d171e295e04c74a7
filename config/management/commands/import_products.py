from config.management.imports import ImportCommand


class Command(ImportCommand):
    help = "Import products from a CSV or XLSX file."
    kind = "products"
