from config.management.imports import ImportCommand


class Command(ImportCommand):
    help = "Import orders from a CSV or XLSX file."
    kind = "orders"
