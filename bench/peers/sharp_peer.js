// Makes one rendition repeatedly with sharp.
//
// usage: node sharp_peer.js IN OUT WIDTH HEIGHT RUNS QUALITY; the extension of OUT selects the encoder
// Prints the median CPU and wall milliseconds of all runs except the first, as JSON.
const sharp = require('sharp');

sharp.concurrency(1);
sharp.cache(false);
const [source, output, width, height, runs, quality] = process.argv.slice(2);

// The other settings are sharp's defaults: shrinking on load, Lanczos3, optimised Huffman tables.
function rendition() {
  const resized = sharp(source, { sequentialRead: true, limitInputPixels: false })
    .autoOrient()
    .resize({ width: +width, height: +height, fit: 'inside', withoutEnlargement: true });
  if (!output.endsWith('.jpg')) return resized.png({ compressionLevel: 1, adaptiveFiltering: false });
  // JPEG has no alpha: as in Darkroom, the picture is composited over white.
  return resized.flatten({ background: '#fff' }).jpeg({ quality: +quality });
}

const median = (values) => {
  const [low, high] = [Math.floor((values.length - 1) / 2), Math.floor(values.length / 2)];
  values.sort((a, b) => a - b);
  return (values[low] + values[high]) / 2;
};

(async () => {
  const cpu = [];
  const wall = [];
  for (let run = 0; run < +runs; run++) {
    const cpuBefore = process.cpuUsage();
    const began = performance.now();
    await rendition().toFile(output);
    const { user, system } = process.cpuUsage(cpuBefore);
    cpu.push((user + system) / 1000);
    wall.push(performance.now() - began);
  }
  if (cpu.length > 1) {
    cpu.shift();
    wall.shift();
  }
  console.log(JSON.stringify({ cpu_ms: median(cpu), wall_ms: median(wall) }));
})();
