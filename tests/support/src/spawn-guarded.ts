import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/**
 * Starts a server under a shell that ends it by the signal as soon as this process closes the pipe to it, or is gone.
 *
 * @returns the shell, which exits after the server; end its standard input to stop both
 */
export function spawnGuarded(
  command: readonly string[],
  options: Pick<SpawnOptions, 'uid' | 'gid' | 'cwd'>,
  signal: 'QUIT' | 'TERM',
): ChildProcess {
  const script = `exec 3<&0; "$@" </dev/null & p=$!; (read -r _ <&3; kill -CONT $p; kill -${signal} $p) & g=$!; wait $p; kill $g; exit 0`;
  return spawn('/bin/sh', ['-c', script, 'sh', ...command], {
    ...options,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}
