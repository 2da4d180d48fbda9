/**
 * Copies the version of agent-identity-core from its package.json into the source that sends it as `User-Agent`.
 * `pnpm version` runs it after the versions have changed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

const folder = join(argv[2] ?? fileURLToPath(new URL('..', import.meta.url)), 'packages/agent-identity-core');
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const path = join(folder, 'src/http/client-identification.ts');
const source = readFileSync(path, 'utf8');
const declaration = /^const version = '[^']*';$/m;
if (!declaration.test(source)) throw new Error(`${path}: expected a line: const version = '…';`);
writeFileSync(path, source.replace(declaration, `const version = '${version}';`));
