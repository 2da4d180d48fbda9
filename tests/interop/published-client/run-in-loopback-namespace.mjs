import { spawn, spawnSync } from 'node:child_process';
import { execPath, getuid, kill } from 'node:process';

/**
 * Runs a script of Node in a network namespace of its own, where there is nothing but loopback: whatever the script
 * and the programs that it starts want to reach, they reach this machine only. Gives what the script printed.
 *
 * @param {string} script
 * @param {readonly string[]} args
 * @param {number} timeLimitSeconds
 * @returns {Promise<string>}
 */
export async function runInLoopbackNamespace(script, args, timeLimitSeconds) {
  requireIp();
  const unshare = ['unshare', getuid?.() === 0 ? '-n' : '-Urn'];
  const [command = '', ...rest] = [...unshare, 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', execPath];
  // A group of its own, so that nothing is left behind when the time is up.
  const child = spawn(command, [...rest, script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const timer = setTimeout(() => child.pid && kill(-child.pid, 'SIGKILL'), timeLimitSeconds * 1000);
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...ended) => resolve(ended));
  });
  clearTimeout(timer);
  if (code === 0) return output;
  throw new Error(
    `the script ended with ${signal ?? `code ${code}`} in its namespace:\n${output}\n${errors}`,
  );
}

/** `ip` of iproute2 brings loopback up. On Debian, as root, it is installed where it is missing. */
function requireIp() {
  if (spawnSync('ip', ['-V']).status === 0) return;
  if (getuid?.() === 0) {
    console.info('installing iproute2');
    spawnSync('apt-get', ['install', '-y', 'iproute2'], { stdio: 'inherit' });
  }
  if (spawnSync('ip', ['-V']).status !== 0) {
    throw new Error('no network namespace without `ip`: install iproute2 (this is a failure, not a skip)');
  }
}
