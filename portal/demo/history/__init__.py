"""Record ninety days of history: assess earlier states of the customers' Azure environments, with the clock set to the
time of each state.
"""
