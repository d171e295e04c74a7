"""The demo city: a fictional company whose data everyone may see (``manage.py seed_demo``)."""
