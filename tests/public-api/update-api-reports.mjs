/** `pnpm api:update`: writes the API reports of all packages to their `api` folders. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishedPackages } from 'test-support/published-packages';
import { extractPublicApi } from './extract-public-api.mjs';

const temporaryFolder = mkdtempSync(join(tmpdir(), 'public-api-'));
const extracted = extractPublicApi(temporaryFolder);
for (const { name, folder } of publishedPackages) {
  const reportFolder = fileURLToPath(new URL('api', folder));
  rmSync(reportFolder, { recursive: true, force: true });
  mkdirSync(reportFolder);
  for (const { reportFile } of extracted.filter(({ packageName }) => packageName === name)) {
    cpSync(reportFile, join(reportFolder, basename(reportFile)));
  }
}
rmSync(temporaryFolder, { recursive: true });
