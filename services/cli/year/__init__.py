"""A synthetic year of work in an authority of Rutland's size, 1 April 2017 to 31 March 2018."""
