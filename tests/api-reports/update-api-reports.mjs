/** `pnpm api:update`: writes the API reports of all packages to their `api` folders. */
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { publishedPackages } from '../published-packages.mjs';
import { generateApiReports } from './generate-api-reports.mjs';

const folders = new Map(
  publishedPackages.map(({ name, folder }) => [name, fileURLToPath(new URL('api', folder))]),
);
for (const folder of folders.values()) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
}
generateApiReports((name) => folders.get(name) ?? '');
