import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './measure.js';

const rounds = 25;

/** Measures how many milliseconds importing each package adds to an empty Node program (median). */
export function measureImportCost(packages: readonly string[]): Record<string, number> {
  // In this folder, so that Node can resolve the packages.
  const folder = mkdtempSync(join(import.meta.dirname, 'import-'));
  try {
    const programs = ['', ...packages].map((name, i) => {
      const file = join(folder, `${i}.mjs`);
      writeFileSync(file, name && `import '${name}';\n`);
      return { name, file, samples: [] as number[] };
    });
    for (let round = 0; round < rounds; round += 1) {
      for (const { file, samples } of programs) samples.push(runProgram(file));
    }
    const empty = programs[0]?.samples ?? [];
    return Object.fromEntries(
      programs
        .slice(1)
        .map(({ name, samples }) => [
          name,
          median(samples.map((sample, round) => sample - (empty[round] as number))),
        ]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runProgram(file: string): number {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, [file]);
  if (status !== 0) throw new Error(`a program with one import exited with status ${status}`);
  return performance.now() - start;
}
