/** The small market of `pynvest demo`: no name and no ticker in it exists on B3. */
import type { DemoAsset } from './asset.ts';
import { funds } from './market-funds.ts';
import { makers } from './market-makers.ts';
import { services } from './market-services.ts';
import { unusual } from './market-unusual.ts';

export const demoMarket: readonly DemoAsset[] = [...makers, ...services, ...unusual, ...funds];
