from config.management.imports import ImportCommand


class Command(ImportCommand):
    help = "Import retailers from a CSV or XLSX file."
    kind = "retailers"
