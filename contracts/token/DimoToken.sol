// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";

contract DimoToken is ERC20Upgradeable {}
