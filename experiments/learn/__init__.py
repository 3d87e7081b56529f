"""The whole chain on one machine: pictures, corpus, four stages of training, trials, and a page about them."""
