"""Who promotes whom, through the WAN from its own region."""
