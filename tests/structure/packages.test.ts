import { existsSync, readFileSync } from 'node:fs';
import { publishedPackages } from 'test-support/published-packages';
import { describe, expect, it } from 'vitest';

describe.each(publishedPackages)('$name', ({ folder }) => {
  it('has a README of at most 120 lines', () => {
    const lines = readFileSync(new URL('README.md', folder), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(120);
  });

  it('has a test that lists its public surface', () => {
    expect(existsSync(new URL('test/public-surface.test.ts', folder))).toBe(true);
  });
});
