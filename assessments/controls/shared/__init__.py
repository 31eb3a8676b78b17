"""Rules and facts that controls of several modules need. Each module is about one topic. No control is declared
here.
"""
