// Shows pictures in <img> elements, as a web page does, and compares each with Darkroom's rendition of it.
// The server (shown.py) gives out pairs of addresses, and decides by the measurements which pictures it wants to keep.

// Pairs at the same time: one is loaded while another is compared.
const RUNNERS = 2;
// Larger pictures are compared in strips, because Chromium would need gigabytes for the whole.
const MOST_PIXELS = 32e6;
const STRIPS = 8;
const STRIP_HEIGHT = 32;
// Longest side of a picture in the report.
const KEPT_SIDE = 1000;
// Differences of 4 and more are visible in the third picture of the report.
const AMPLIFY = 16;

const post = async (path, body) => (await fetch(path, {method: 'POST', body})).json();

const load = async address => {
  const img = new Image();
  const loaded = await new Promise(done => {
    img.onload = () => done(true);
    img.onerror = () => done(false);
    img.src = address;
  });
  if (!loaded || img.naturalWidth === 0 || img.naturalHeight === 0) return null;
  const decoded = await img.decode().then(() => true, () => false);
  return {img, decoded, width: img.naturalWidth, height: img.naturalHeight};
};

const context = (width, height) =>
  new OffscreenCanvas(width, height).getContext('2d', {colorSpace: 'srgb', willReadFrequently: true});

// The parts of a picture that are compared: [top, height].
const strips = ({width, height}) => {
  if (width * height <= MOST_PIXELS || height <= STRIPS * STRIP_HEIGHT) return [[0, height]];
  const step = (height - STRIP_HEIGHT) / (STRIPS - 1);
  return Array.from({length: STRIPS}, (_, index) => [Math.round(index * step), STRIP_HEIGHT]);
};

const pixels = (picture, top, height) => {
  const canvas = context(picture.width, height);
  canvas.drawImage(picture.img, 0, -top);
  return canvas.getImageData(0, 0, picture.width, height).data;
};

// The distance of two pixels, 0–255: the largest of the alpha's and of the colours', multiplied by their alpha.
const distance = (a, b, at) => {
  const alphaA = a[at + 3], alphaB = b[at + 3];
  let most = Math.abs(alphaA - alphaB);
  for (let channel = at; channel < at + 3; channel++) {
    most = Math.max(most, Math.abs(a[channel] * alphaA - b[channel] * alphaB) / 255);
  }
  return most;
};

// Pixels that the browser left transparent and Darkroom filled are counted as `missing`, and not as distances.
const compare = (theirs, ours) => {
  const result = {pixels: 0, missing: 0, most: 0, sum: 0, over: {2: 0, 8: 0, 32: 0}, at: null};
  for (const [top, height] of strips(theirs)) {
    const a = pixels(theirs, top, height), b = pixels(ours, top, height);
    for (let at = 0; at < a.length; at += 4) {
      result.pixels++;
      if (a[at + 3] === 0 && b[at + 3] === 255) {
        result.missing++;
        continue;
      }
      const found = distance(a, b, at);
      if (found === 0) continue;
      result.sum += found;
      for (const limit of [2, 8, 32]) if (found > limit) result.over[limit]++;
      if (found > result.most) {
        result.most = found;
        const index = at / 4;
        result.at = {
          x: index % theirs.width, y: top + Math.floor(index / theirs.width),
          theirs: [...a.slice(at, at + 4)], ours: [...b.slice(at, at + 4)],
        };
      }
    }
  }
  return result;
};

// Whether nothing of a picture is visible.
const isEmpty = picture => {
  for (const [top, height] of strips(picture)) {
    const data = pixels(picture, top, height);
    for (let at = 3; at < data.length; at += 4) if (data[at] !== 0) return false;
  }
  return true;
};

const drawn = picture => {
  const scale = Math.min(1, KEPT_SIDE / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale)), height = Math.max(1, Math.round(picture.height * scale));
  const canvas = context(width, height);
  canvas.drawImage(picture.img, 0, 0, width, height);
  return canvas;
};

const difference = (theirs, ours) => {
  const a = drawn(theirs), b = drawn(ours), {width, height} = a.canvas;
  const dataA = a.getImageData(0, 0, width, height).data, dataB = b.getImageData(0, 0, width, height).data;
  const canvas = context(width, height), image = canvas.createImageData(width, height);
  for (let at = 0; at < dataA.length; at += 4) {
    image.data.fill(Math.min(255, AMPLIFY * distance(dataA, dataB, at)), at, at + 3);
    image.data[at + 3] = 255;
  }
  canvas.putImageData(image, 0, 0);
  return canvas;
};

const keep = async (index, name, {canvas}) =>
  post(`/kept/${index}/${name}`, await canvas.convertToBlob({type: 'image/png'}));

const size = picture => picture && {width: picture.width, height: picture.height, decoded: picture.decoded};

const judge = async ({index, source, rendition}) => {
  const theirs = await load(source);
  const ours = rendition && await load(rendition);
  const sameSize = theirs && ours && theirs.width === ours.width && theirs.height === ours.height;
  const measured = {
    theirs: size(theirs), ours: size(ours), compared: sameSize ? compare(theirs, ours) : null,
    empty: theirs && !ours ? isEmpty(theirs) : false,
  };
  const {keep: wanted} = await post(`/measured/${index}`, JSON.stringify(measured));
  if (!wanted) return;
  if (theirs) await keep(index, 'browser', drawn(theirs));
  if (ours) await keep(index, 'darkroom', drawn(ours));
  if (sameSize) await keep(index, 'difference', difference(theirs, ours));
};

const run = async () => {
  for (let pair; (pair = await post('/next', '')); ) {
    await judge(pair).catch(error => post(`/measured/${pair.index}`, JSON.stringify({error: String(error)})));
  }
};

Promise.all(Array.from({length: RUNNERS}, run)).then(() => post('/done', ''));
