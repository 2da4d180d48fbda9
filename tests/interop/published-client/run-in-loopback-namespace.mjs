import { spawn } from 'node:child_process';
import { env, execPath, getuid, kill } from 'node:process';

/**
 * Brings loopback up, replaces /etc/hosts if asked to, and executes the command. Uses `ip` of iproute2, or perl if that is missing: every Debian has it, and
 * it can set the interface's flags to up and running (netdevice(7)).
 */
const bringLoopbackUp = `
ip link set lo up 2>/dev/null ||
  perl -MSocket -e '$flags = pack("a16s", "lo", 0x41); socket(S, AF_INET, SOCK_DGRAM, 0) && ioctl(S, 0x8914, $flags) or die' ||
  { echo 'no loopback: install iproute2 (this is a failure, not a skip)' >&2; exit 1; }
if [ -n "$HOSTS_FILE" ]; then mount --bind "$HOSTS_FILE" /etc/hosts || exit 1; fi
exec "$@"`;

/**
 * Runs a Node script in a network namespace with only loopback, so that the script and the programs that it starts can reach
 * only this machine. Returns the output of the script.
 *
 * @param {string} script
 * @param {readonly string[]} args
 * @param {number} timeLimitSeconds
 * @param {string} [hostsFile] Takes the place of /etc/hosts, for the script and what it starts.
 * @returns {Promise<string>}
 */
export async function runInLoopbackNamespace(script, args, timeLimitSeconds, hostsFile = '') {
  const namespaces = getuid?.() === 0 ? '-nm' : '-Urnm';
  // A separate process group, so that the time limit ends all processes.
  const child = spawn('unshare', [namespaces, 'sh', '-c', bringLoopbackUp, 'sh', execPath, script, ...args], {
    env: { ...env, HOSTS_FILE: hostsFile },
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
  const killGroup = () => {
    try {
      if (child.pid) kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is empty.
    }
  };
  const timer = setTimeout(killGroup, timeLimitSeconds * 1000);
  // A script that fails leaves its servers behind, and they keep its pipes open.
  child.on('exit', killGroup);
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
