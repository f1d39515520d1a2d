"""The schema of experiments as the program publishes it."""


def expanded(part, definitions=None):
    """The same with every reference replaced by what it refers to."""
    if definitions is None:
        definitions = part.get("$defs", {})
    if isinstance(part, list):
        return [expanded(one, definitions) for one in part]
    if not isinstance(part, dict):
        return part
    whole = {k: expanded(v, definitions) for k, v in part.items() if k not in ("$ref", "$defs")}
    if "$ref" in part:
        whole |= expanded(definitions[part["$ref"].removeprefix("#/$defs/")], definitions)
    if all("$ref" in one for one in part.get("allOf", [])):
        for one in whole.pop("allOf", []):
            whole |= one
    return whole
