/* A hook that does nothing: what is measured is the starting. */
int main(void) { return 0; }
