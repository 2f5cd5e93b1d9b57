/** The small market of `pynvest demo`: no name and no ticker in it exists on B3. */
import type { DemoAsset } from './asset.ts';
import { funds } from './market-funds.ts';
import { manufacturers } from './market-makers.ts';
import { services } from './market-services.ts';
import { unusual } from './market-unusual.ts';

export const demoMarket: readonly DemoAsset[] = [
  ...manufacturers,
  ...services,
  ...unusual,
  ...funds,
];
