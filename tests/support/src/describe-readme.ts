import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/**
 * Registers one test for each `js` block that a `text` block follows, in the README of a package's folder: Node runs
 * the `js` block in that folder, and prints the `text` block. Fails if there is none.
 */
export function describeReadme(folder: URL): void {
  const examples = readReadmeExamples(readFileSync(new URL('README.md', folder), 'utf8'));
  describe('README.md', () => {
    for (const [index, example] of examples.entries()) {
      it(`example ${index + 1} prints what the README says`, () =>
        expectOutput(example, fileURLToPath(folder)));
    }
  });
}

/** A program in a README and what it prints. */
export interface ReadmeExample {
  readonly program: string;
  readonly output: string;
}

/** Reads the `js` blocks that a `text` block follows. Throws if there is none. */
export function readReadmeExamples(readme: string): ReadmeExample[] {
  const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text = '']) => ({
    language,
    text,
  }));
  const examples = blocks.flatMap(({ language, text }, index) => {
    const next = blocks[index + 1];
    return language === 'js' && next?.language === 'text' ? [{ program: text, output: next.text }] : [];
  });
  if (examples.length === 0) throw new Error('the README has no js block with a text block after it');
  return examples;
}

/** Runs the program in a folder and expects its output, and nothing on standard error. */
export async function expectOutput({ program, output }: ReadmeExample, cwd: string): Promise<void> {
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { cwd });
  expect(await run).toEqual({ stdout: output, stderr: '' });
}
