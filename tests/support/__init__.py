"""What tests share: the components a machine has, databases made from a template, a clock that tests set."""
