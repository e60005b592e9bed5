protocols![
    cotp,
    modbus,
    s7comm,
    tpkt,
];
