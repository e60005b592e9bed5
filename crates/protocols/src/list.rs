protocols![
    cotp,
    modbus,
    tpkt,
];
