/* The floor: posix_spawn and waitpid of every file named on the command line, one after the other. */
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>

int main(int argc, char **argv) {
  char *environment[] = {"PATH=/usr/bin:/bin", NULL};
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  for (int at = 1; at < argc; at++) {
    char *arguments[] = {argv[at], NULL};
    pid_t pid;
    int status;
    if (posix_spawn(&pid, argv[at], NULL, &attributes, arguments, environment) != 0) return 1;
    if (waitpid(pid, &status, 0) < 0) return 1;
  }
  return 0;
}
