/**
 * The system call `flock` on an open file: takes the exclusive lock without waiting. Rejects with the code `EAGAIN`
 * or `EWOULDBLOCK` if another process has it. The lock ends when the file is closed or the process dies.
 */
export type Flock = (fileDescriptor: number, operation: 'exnb') => Promise<void>;

let loaded: Promise<Flock | undefined> | undefined;

/** Node has no `flock`. It comes from the optional peer `fs-ext-extra-prebuilt`, if that is installed. */
export function loadFlock(): Promise<Flock | undefined> {
  loaded ??= importFlock();
  return loaded;
}

async function importFlock(): Promise<Flock | undefined> {
  try {
    const { flock } = await import('fs-ext-extra-prebuilt');
    return (fileDescriptor, operation) =>
      new Promise((resolve, reject) => {
        flock(fileDescriptor, operation, (error) => (error ? reject(error) : resolve()));
      });
  } catch {
    return undefined; // not installed, or not built for this system
  }
}
