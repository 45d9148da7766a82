"""The instruments: each draws one thing of a run and knows no panel."""
