/** `pnpm api:update`: writes the API reports of all packages to their `api` folders. */
import { mkdirSync, rmSync } from 'node:fs';
import { generateApiReports, packageNames, reportFolderOf } from './generate-api-reports.mjs';

for (const folder of packageNames.map(reportFolderOf)) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
}
generateApiReports(reportFolderOf);
