// What all peers share: reads the articles, warms up, times the rounds, prints the figures.
'use strict';
const fs = require('fs');
const path = require('path');
const {createRequire} = require('module');

const [, , folder, articles, mode, rounds] = process.argv;

exports.mode = mode;
exports.load = createRequire(path.join(path.resolve(folder), 'node_modules', 'of-peers.js'));

exports.version = function (name) {
  return JSON.parse(fs.readFileSync(path.join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;
};

// `annotate (text, found)` adds what it finds to the counts in `found`.
exports.run = function (name, annotate) {
  const texts = fs.readFileSync(articles, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line).text);
  const seconds = [];
  let found;
  for (let round = -1; round < Number(rounds); round++) {
    found = {};
    const before = process.cpuUsage();
    for (const text of texts) annotate(text, found);
    const spent = process.cpuUsage(before);
    if (round >= 0) seconds.push((spent.user + spent.system) / 1e6);
  }
  console.log(JSON.stringify({version: exports.version(name), seconds, found}));
};
