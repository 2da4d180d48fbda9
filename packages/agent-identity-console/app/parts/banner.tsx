import type { ComponentChildren, JSX } from 'preact';
import { texts } from '../texts.js';

/** The top of each page. */
export function Banner({ children }: { readonly children?: ComponentChildren }): JSX.Element {
  return (
    <header class="banner">
      <span class="name">
        <img src={new URL('../icon.svg', import.meta.url).href} alt="" />
        {texts.product}
      </span>
      {children}
    </header>
  );
}
