import { gzipSync } from 'node:zlib';
import { readConsoleFiles } from 'agent-identity-console';
import { describe, expect, it } from 'vitest';

describe('readConsoleFiles', () => {
  it('reads pages, scripts, styles and images, each with its type', async () => {
    const files = await readConsoleFiles();
    expect(files.get('inspector.html')).toMatchObject({
      contentType: 'text/html; charset=utf-8',
      isImmutable: false,
    });
    const types = new Set([...files.values()].map(({ contentType }) => contentType.split(';')[0]));
    expect([...types].sort()).toEqual(['image/svg+xml', 'text/css', 'text/html', 'text/javascript']);
    for (const [path, { isImmutable, bytes }] of files) {
      expect(bytes.length).toBeGreaterThan(0);
      expect(isImmutable).toBe(/^assets\/.+-[\w-]{8}\.\w+$/.test(path));
    }
  });

  it('has pages without inline scripts, inline styles, and URLs of other hosts', async () => {
    for (const [path, { bytes }] of await readConsoleFiles()) {
      if (!path.endsWith('.html')) continue;
      const html = new TextDecoder().decode(bytes);
      expect(html).not.toMatch(/<style|style=|<script(?![^>]* src=)| on\w+=|https?:/);
    }
  });

  it('stays within 150 KB, compressed by gzip', async () => {
    const sizes = [...(await readConsoleFiles()).values()].map(({ bytes }) => gzipSync(bytes).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(150_000);
  });
});
