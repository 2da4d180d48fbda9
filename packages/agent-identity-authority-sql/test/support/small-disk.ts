import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** A small file system in memory. */
export interface SmallDisk {
  readonly path: string;
  readOnly(): Promise<void>;
}

/**
 * Mounts the file system in a mount namespace that ends with the process that holds it. Needs root, or unprivileged user
 * namespaces. Its files are reachable through `/proc`.
 */
export async function smallDisk(megabytes: number): Promise<SmallDisk> {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const script = `
    mount -t tmpfs -o size=${megabytes}m,mode=0777 tmpfs /mnt && echo mounted &&
    while read -r _; do mount -o remount,bind,ro /mnt && echo read-only; done`;
  const holder = spawn('unshare', [...asRoot, '--mount', '/bin/sh', '-c', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void holder.kill());
  const lines = createInterface(holder.stdout);
  const failed = Promise.race([once(holder, 'error'), once(holder, 'exit')]).then(() => {
    throw new Error(
      'These tests mount a small file system, which takes Linux, unshare, and root or name spaces of users: ' +
        'run them as root, or allow kernel.unprivileged_userns_clone.',
    );
  });
  failed.catch(() => {});
  const next = async () => {
    await Promise.race([once(lines, 'line'), failed]);
  };
  await next();
  return {
    path: `/proc/${holder.pid}/root/mnt`,
    async readOnly() {
      holder.stdin.write('ro\n');
      await next();
    },
  };
}
