import { type Browser, chromium } from 'playwright-core';
import { ensureInstalled, findProgram, isThere } from './ensure-installed.js';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
/** No requests of the browser's own. */
const flags = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

/** Starts a headless Chromium or Chrome. On Debian, as root, installs Chromium if there is none. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await ensureInstalled(
    findChromium,
    ['chromium', 'fonts-dejavu-core'],
    `Chromium is not installed: none of ${names.join(', ')} is on the PATH. Install Chromium or Google Chrome ` +
      '(on Debian: apt-get install chromium), then run this again.',
  );
  return chromium.launch({ executablePath, headless: true, args: flags });
}

async function findChromium(): Promise<string | undefined> {
  for (const name of names) {
    const found = await findProgram(name);
    if (found !== undefined) return found;
  }
  for (const path of applications) if (await isThere(path)) return path;
  return undefined;
}
