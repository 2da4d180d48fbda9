import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env, getuid, platform } from 'node:process';

const aptGet = '/usr/bin/apt-get';
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * Returns the path of an installed Chromium or Chrome. On Debian, as root, installs Chromium if there is none.
 *
 * @returns {string}
 */
export function findChromium() {
  const found = installed() ?? (canInstall() ? installFromDebian() : undefined);
  if (found !== undefined) return found;
  throw new Error(
    `Chromium is not installed: none of ${names.join(', ')} is on the PATH. Install Chromium or Google Chrome ` +
      '(on Debian: apt-get install chromium), then run this again.',
  );
}

function installed() {
  const folders = (env['PATH'] ?? '').split(delimiter);
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...paths, ...(platform === 'darwin' ? applications : [])].find((path) => existsSync(path));
}

function canInstall() {
  return platform === 'linux' && getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync(aptGet);
}

function installFromDebian() {
  console.log('installing chromium from the Debian packages');
  const options = {
    stdio: /** @type {const} */ ('inherit'),
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync(aptGet, ['update', '-qq'], options);
  const { status } = spawnSync(
    aptGet,
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
    options,
  );
  if (status !== 0) throw new Error(`apt-get could not install chromium: exit code ${status}`);
  return installed();
}
