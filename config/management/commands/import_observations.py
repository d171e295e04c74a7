from config.management.imports import ImportCommand


class Command(ImportCommand):
    help = "Import market observations from a CSV or XLSX file."
    kind = "observations"
