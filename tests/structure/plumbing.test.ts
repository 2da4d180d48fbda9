import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as plumbing from 'agent-identity-core/http';
import { expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const sources = ['packages', 'apps']
  .flatMap((folder) => readdirSync(`${repository}/${folder}`).map((name) => `${folder}/${name}/src`))
  .filter((folder) => existsSync(`${repository}/${folder}`))
  .flatMap(sourceFilesIn);

it.each(Object.keys(plumbing))('%s has one definition, in agent-identity-core', (name) => {
  const definition = new RegExp(`\\b(?:class|const|function|let) ${name}\\b`);
  const files = sources.filter(({ text }) => definition.test(text)).map(({ path }) => path);
  expect(files).toEqual([expect.stringMatching(/^packages\/agent-identity-core\/src\/http\//)]);
});

function sourceFilesIn(folder: string) {
  const names = readdirSync(`${repository}/${folder}`, { recursive: true, encoding: 'utf8' });
  const paths = names.filter((name) => /\.[jt]sx?$/.test(name)).map((name) => `${folder}/${name}`);
  return paths.map((path) => ({ path, text: readFileSync(`${repository}/${path}`, 'utf8') }));
}
