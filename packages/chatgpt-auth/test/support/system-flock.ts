import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { Flock } from 'chatgpt-auth/node';

/**
 * The real system call, through the program `flock` of util-linux. It locks the open file that it inherits, which stays
 * locked after it has ended. The native package is not built for every version of Node.
 */
export const systemFlock: Flock = (fileDescriptor) =>
  new Promise((resolve, reject) => {
    const program = spawn('flock', ['-x', '-n', '3'], {
      stdio: ['ignore', 'ignore', 'inherit', fileDescriptor],
    });
    program.on('error', reject);
    program.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(Object.assign(new Error('somebody else has the lock'), { code: 'EAGAIN' }));
    });
  });

/** Locks a file as another process would, until the returned function is called. */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  const file = await open(path, 'a', 0o600);
  try {
    await systemFlock(file.fd, 'exnb');
  } catch (error) {
    await file.close();
    throw error;
  }
  return () => file.close();
}
