import { render } from 'preact';
import { DecoderDesk } from './decoder-desk.tsx';

render(<DecoderDesk />, document.getElementById('desk')!);
