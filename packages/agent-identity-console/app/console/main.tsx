import { render } from 'preact';
import { ConsolePage } from './console-page.js';

const root = document.querySelector('#app');
if (root !== null) render(<ConsolePage />, root);
