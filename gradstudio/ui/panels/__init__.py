"""The panels: each edits one slice of the setup and knows no plot."""
