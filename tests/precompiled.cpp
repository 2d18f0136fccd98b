// Gives the precompiled Catch header a file to be built for: main.cpp includes Catch in its own way.
