"""The templates extractor: invoice2data with the templates a configuration holds."""
