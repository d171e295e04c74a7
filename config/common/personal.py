"""Personal data as it is shown: masked. Revealing it is a permission, and each time is recorded."""


def masked_phone(phone: str) -> str:
    """A telephone number without its middle: 138****1234."""
    if len(phone) < 8:
        return "*" * len(phone)
    return f"{phone[:3]}****{phone[-4:]}"


def masked_name(name: str) -> str:
    """A person's name without what follows its first sign: 叶**."""
    return name[:1] + "*" * max(len(name) - 1, 0)
