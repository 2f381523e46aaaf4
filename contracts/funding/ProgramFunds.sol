// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Governed} from "../common/Governed.sol";
import {IProgramFunds} from "./IProgramFunds.sol";

/// @title Money of a program that a vote funds
abstract contract ProgramFunds is IProgramFunds, Governed {
    using SafeERC20 for IERC20;

    /// @dev Token and reserve share a slot: a payment reads the one and writes the other. 96 bits hold 79 billion
    /// tokens of 18 decimals.
    /// @custom:storage-location erc7201:dimo.storage.ProgramFunds
    struct Funds {
        IERC20 token;
        uint96 reserved;
        address treasury;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.ProgramFunds")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant FUNDS_SLOT = 0x573eb702291dbac1a082d6ec9fbbea36d9bcb110cc81489d2b682aaca8507500;

    // solhint-disable-next-line func-name-mixedcase
    function __ProgramFunds_init(address authority_, address token_, address treasury_) internal onlyInitializing {
        __Governed_init(authority_);
        Funds storage $ = _funds();
        $.token = IERC20(token_);
        $.treasury = treasury_;
    }

    /// @inheritdoc IProgramFunds
    function sweepSurplus() external restricted returns (uint256 amount) {
        Funds storage $ = _funds();
        amount = available();
        emit SurplusSwept(amount);
        $.token.safeTransfer($.treasury, amount);
    }

    /// @inheritdoc IProgramFunds
    function token() external view returns (address) {
        return address(_funds().token);
    }

    /// @inheritdoc IProgramFunds
    function treasury() external view returns (address) {
        return _funds().treasury;
    }

    /// @inheritdoc IProgramFunds
    function reserved() external view returns (uint256) {
        return _funds().reserved;
    }

    /// @inheritdoc IProgramFunds
    function available() public view returns (uint256) {
        Funds storage $ = _funds();
        return $.token.balanceOf(address(this)) - $.reserved;
    }

    /// @dev Promises what is not promised yet.
    function _reserve(uint96 amount) internal {
        uint256 free = available();
        if (amount > free) revert FundsShort(amount, free);
        _funds().reserved += amount;
    }

    /// @dev Pays what was promised. The last thing a function does.
    function _pay(address to, uint96 amount) internal {
        Funds storage $ = _funds();
        $.reserved -= amount;
        $.token.safeTransfer(to, amount);
    }

    /// @dev Takes a promise back and the money to the treasury. The last thing a function does.
    function _payBack(uint96 amount) internal {
        _pay(_funds().treasury, amount);
    }

    function _requireAccount(address account) internal view {
        if (account == address(0) || account == address(this)) revert AccountInvalid(account);
    }

    function _funds() private pure returns (Funds storage $) {
        assembly ("memory-safe") {
            $.slot := FUNDS_SLOT
        }
    }
}
