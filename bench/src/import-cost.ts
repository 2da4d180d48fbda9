import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './measure.js';

const rounds = 25;

/** Median milliseconds that a Node program takes longer for importing each package. */
export function measureImportCost(packages: readonly string[]): Record<string, number> {
  // Beside this file, so that Node finds the packages.
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
  if (status !== 0) throw new Error(`a program of one import failed with status ${status}`);
  return performance.now() - start;
}
